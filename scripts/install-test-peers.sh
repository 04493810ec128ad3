#!/usr/bin/env bash
# Installs the real senders and servers that the flow tests talk to (Debian, Ubuntu). Run it as often as you like: what is there is left alone.
# syslog-ng and Exim are only unpacked into a cache folder: their packages exclude rsyslog's, and the mail server that a machine may have.
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

# A package and the library packages that it needs, but for those that are installed.
with_libraries() {
  echo "$1"
  apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$1" |
    grep -E '^lib[a-z0-9]' | sort -u | while read -r package; do
      case "$package" in libelogind0 | libc6 | libgcc-s1) continue ;; esac
      installed "${package%%:*}" || echo "$package"
    done
}

# unpack NAME PROGRAM PACKAGE...: unpacks packages and their libraries into the cache folder NAME, unless PROGRAM is there.
unpack() {
  local root="$peers/$1" program="$2"
  shift 2
  if [ -x "$root/$program" ]; then return; fi
  refresh_lists
  local work
  work="$(mktemp -d)"
  chmod 755 "$work"
  (
    cd "$work"
    mapfile -t wanted < <(for package in "$@"; do with_libraries "$package"; done | sort -u)
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
unpack syslog-ng usr/sbin/syslog-ng syslog-ng-core
# nss-wrapper: Exim asks for a system user, which nobody makes here.
unpack exim usr/sbin/exim4 exim4-daemon-light libnss-wrapper
echo "test peers: $(command -v rsyslogd || echo /usr/sbin/rsyslogd), $peers/syslog-ng/usr/sbin/syslog-ng, $peers/exim/usr/sbin/exim4"
