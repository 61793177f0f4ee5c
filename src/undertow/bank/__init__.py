"""What is asked: items, instruments, calibrated banks, answers, norms, facts about a person.

Values only. Reading them from files is left to `content`, estimating them to `calibrate`.
"""
