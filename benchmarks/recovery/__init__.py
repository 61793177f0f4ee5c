"""The recovery report: made-up people with known figures, calibrated again, and how near that comes.

What is estimated, and how, is left to `undertow.calibrate`, which knows nothing of this.
"""
