"""From findings and measures to what people read: PDF, workbooks, a page of HTML.

`inputs` says what a report is made of, `view` turns it into numbers and finished Vietnamese strings once,
and `pdf`, `xlsx` and `html` only lay them out: a figure that differs between two of them is impossible by construction.
"""
