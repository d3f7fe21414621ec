#!/bin/bash
# The image's own start, with a cluster id that is this data's own. The image would give every
# installation the same id, and then nobody could notice that the topics under the stored positions
# of a line were made anew.
set -euo pipefail
id_file=/var/lib/kafka/data/cluster-id
if [ ! -s "$id_file" ]; then
  /opt/kafka/bin/kafka-storage.sh random-uuid | tail -n 1 > "$id_file.new"
  [ -s "$id_file.new" ] || { echo "kafka-storage.sh gave no cluster id" >&2; exit 1; }
  mv "$id_file.new" "$id_file"
fi
CLUSTER_ID=$(cat "$id_file")
export CLUSTER_ID
exec /etc/kafka/docker/run
