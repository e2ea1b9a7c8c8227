"""Models and text towers in memory, the devices they live on, and recovery when one fails."""
