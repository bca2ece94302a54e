"""The domain of Mobilize. Knows no HTML; every app has the same shape (see ARCHITECTURE.md)."""
