#!/usr/bin/env bash
# Unpacks a real Keycloak into the cache folder of the test peers, for `npm run test:long -- keycloak`. Run it as often as you like: the same
# version is left alone. Maven fetches it, so that your own Maven settings decide from where. Needs Java 17 or newer, and some 400 MB.
set -euo pipefail

version=26.7.3
sha256=77657f30b7e90d70f727712ce1c967f430fd6a5e9f458d32d8c6df0635345f47

peers="${EARSHOT_PEERS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/earshot-peers}"
root="$peers/keycloak"

fail() { echo "keycloak was not installed: $*" >&2; exit 1; }

if grep -qsF "Version $version" "$root/version.txt"; then
  echo "keycloak $version: $root"
  exit 0
fi

command -v java > /dev/null || fail 'there is no java (Debian: apt-get install openjdk-17-jre-headless)'
command -v mvn > /dev/null || fail 'there is no mvn (Debian: apt-get install maven)'

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
# Not in a project's folder: only the user's own settings count. A repository of its own: 176 MB are not left in the user's.
cd "$work"
mvn -B -q -Dmaven.repo.local="$work/repository" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
  -Dartifact="org.keycloak:keycloak-quarkus-dist:$version:tar.gz" -DoutputDirectory="$work" >&2 ||
  fail "Maven could not fetch org.keycloak:keycloak-quarkus-dist:$version:tar.gz"
archive="keycloak-quarkus-dist-$version.tar.gz"
echo "$sha256  $archive" | sha256sum --check --quiet || fail "$archive is not what was expected"
tar -xzf "$archive"
mkdir -p "$peers"
rm -rf "$root"
mv "keycloak-$version" "$root"
echo "keycloak $version: $root"
