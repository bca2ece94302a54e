"""The roads out: one module for each provider, all speaking the protocol of `channels/base.py`."""
