"""Help that is always one step away, and what is never said; words come from data files.

Knows nothing of measurement: no estimate can decide whether help is shown.
"""
