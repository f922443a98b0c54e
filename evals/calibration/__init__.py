"""How wide an honest interval is, learned from food tables read against one another: `python -m evals.calibration`."""
