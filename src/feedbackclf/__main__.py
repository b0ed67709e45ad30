"""`python -m feedbackclf` is `feedbackclf`."""

from feedbackclf.commands import main

main()
