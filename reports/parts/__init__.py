"""The parts of a report, one a file: each takes a `Reading` and returns its own frozen type with numbers and finished
strings.
"""
