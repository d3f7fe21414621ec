#!/bin/bash
# The image's own start, with the key that members of the replica set know each other by. MongoDB
# reads it only where it belongs to its own user and nobody else may: a mounted secret belongs to
# whoever owns it on the machine.
set -euo pipefail
install -o mongodb -g mongodb -m 400 /run/secrets/mongo-key /run/tenlines/key
exec docker-entrypoint.sh "$@" --keyFile /run/tenlines/key
