"""Replay (历史回放): records of real cities held against the house's own clocks and flows.

Comes in: a file of another city and its profile. Goes out: how its targets differ from what the profile's rules
come to (``comparing``), and the records played through a flow at their own times (``playing``), act by act.
"""
