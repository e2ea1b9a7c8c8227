"""Instruments: what plays, learns or records beside the main loop, one each.

Each derives from `visualizer.services.instrument.Instrument` and serves one panel or tab; the order
in which they are asked is in `visualizer.app.registry`.
"""
