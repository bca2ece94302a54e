"""PostgreSQL and Valkey from Python packages: what a clean machine runs on."""
