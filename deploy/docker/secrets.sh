#!/bin/sh
# Makes every secret that is missing, and never touches one that is there:
#
#   deploy/docker/secrets.sh [FOLDER]        # FOLDER is deploy/secrets when it is left out
#
# It needs nothing but a shell, so it runs on a server before anything else is installed. Only the
# folder's owner can enter the folder. The files themselves may be read by all: Compose mounts each
# as it lies there, and inside a container it is read by a user whom this machine does not know.
set -eu
umask 077
folder=${1:-$(dirname "$0")/../secrets}
mkdir -p "$folder"
chmod 700 "$folder"

make() { # make NAME BYTES [LETTERS THAT REPLACE +/]
  file=$folder/$1
  if [ -s "$file" ]; then
    echo "kept  $1"
    return
  fi
  head -c "$2" /dev/urandom | base64 | tr -d '=\n' | tr '+/' "${3:-+/}" >"$file.new"
  chmod 444 "$file.new"
  mv -f "$file.new" "$file"
  echo "made  $1"
}

# One user of MongoDB per service, one for the server itself, one for whoever looks after it all.
for user in root operator gateway dust mobile coal burning hotspot industry energy vocs livelihood \
  episode coordination; do
  make "mongo-$user" 33 "-_"
done
make mongo-key 576 # by which the members of the replica set know each other
make grafana-admin 18 "-_"
