"""What is counted: outcomes of rules, indicators, the compliance index (rules.md sections 1 and 3).

Every number is made of counts of members that add up over shards of the log (by sender); shares, medians, index and
rank are computed once, from the sums.
"""
