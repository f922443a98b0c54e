"""How well meals are read from words: `python -m evals.reading`."""
