"""Empty stand-ins for the reference's modules: the names and attributes that its snapshots hold.

They compute nothing.  Written from what a snapshot shows, so that tests can write one.
"""
