"""Control from outside: OSC, MIDI, and the parameters they move.

`osc` and `midi` listen, `osc_packets` parses, `signal_queue` bounds what waits; `dispatch` turns
messages into recipes, `learning` binds knobs, `feedback` answers.
"""
