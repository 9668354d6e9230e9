"""The line: pull → conform → coverage → judge → record → view → write.

Each step is a short function over a `Workspace` that takes and returns values; the commands only parse and print.
"""
