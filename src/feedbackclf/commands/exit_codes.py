"""What the command line ends with besides 0; the README lists them."""

FAILED, WRONG_USAGE, REJECTED_ROWS, INTERRUPTED = 1, 2, 3, 130
