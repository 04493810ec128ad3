#!/usr/bin/env bash
# Installs the real senders and servers that the flow tests talk to (Debian, Ubuntu). Run it as often as you like: what is there is left alone.
# syslog-ng is only unpacked into a cache folder, because its package and rsyslog's exclude each other.
set -euo pipefail

peers="${EARSHOT_PEERS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/earshot-peers}"
packages=(rsyslog rsyslog-relp rsyslog-gnutls postgresql openssl util-linux chromium fonts-dejavu-core)

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
installed() { [ "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null)" = 'install ok installed' ]; }

lists_fresh=no
refresh_lists() {
  if [ "$lists_fresh" = no ]; then
    as_root apt-get update -qq
    lists_fresh=yes
  fi
}

install_packages() {
  local missing=()
  for package in "${packages[@]}"; do installed "$package" || missing+=("$package"); done
  if [ "${#missing[@]}" = 0 ]; then return; fi
  refresh_lists
  # RUNLEVEL=1: no package starts its service; the tests start their own, with their own settings.
  as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# The library packages that syslog-ng-core needs, itself included, and that are not installed.
syslog_ng_packages() {
  echo syslog-ng-core
  apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances syslog-ng-core |
    grep -E '^lib[a-z0-9]' | sort -u | while read -r package; do
      case "$package" in libelogind0 | libc6 | libgcc-s1) continue ;; esac
      installed "${package%%:*}" || echo "$package"
    done
}

unpack_syslog_ng() {
  local root="$peers/syslog-ng"
  if [ -x "$root/usr/sbin/syslog-ng" ]; then return; fi
  refresh_lists
  local work
  work="$(mktemp -d)"
  chmod 755 "$work"
  (
    cd "$work"
    mapfile -t wanted < <(syslog_ng_packages)
    apt-get -o APT::Sandbox::User=root download -qq "${wanted[@]}"
    mkdir root
    for deb in ./*.deb; do dpkg-deb -x "$deb" root; done
  )
  mkdir -p "$peers"
  rm -rf "$root"
  mv "$work/root" "$root"
  rm -rf "$work"
}

install_packages
unpack_syslog_ng
echo "test peers: $(command -v rsyslogd || echo /usr/sbin/rsyslogd), $peers/syslog-ng/usr/sbin/syslog-ng"
