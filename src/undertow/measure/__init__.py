"""Answers → where a person stands, with how sure we are; what to say about it is left to `reading`."""
