"""Everything that `shegong up` starts on one machine. Production uses docker-compose.yml instead."""
