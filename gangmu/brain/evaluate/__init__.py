"""Evaluation (绩效评价): rates counted from facts, each with its numerator, its denominator and the matters behind it.

Comes in: messages of events, clocks, obligations, field tasks and calls. Goes out: figures by area, department and post
for any day, week, month, quarter or year, scores and grades, published periods that stay as they were.
"""
