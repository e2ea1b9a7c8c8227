"""Instruments: what plays, learns or records beside the main loop, one each."""
