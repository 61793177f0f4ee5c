"""`python -m undertow` is the command line."""

from undertow.terminal.cli import main

main()
