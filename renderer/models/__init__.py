"""Models and text towers in memory, the devices they live on, and recovery when one fails.

`store` keeps the models of late within a budget of memory, `search` finds a moved file by its hash,
`recovery` says what to do when memory or a card is gone.
"""
