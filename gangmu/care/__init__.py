"""Care of a running house (运维): backups and proof that they restore, upgrades with a way back, what is wrong and what
to do about it.

Comes in: a data folder. Goes out: one file that holds a whole house, a house made of it again, findings in plain words.
"""
