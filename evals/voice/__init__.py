"""How well spoken meals are heard without any model: `python -m evals.voice`."""
