# Sourced by ./start and ./test: install what is missing on a Debian 12 machine, and nothing else.
# shellcheck shell=bash

RUNTIME_PACKAGES="python3 python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk ca-certificates tzdata"
TEST_PACKAGES="$RUNTIME_PACKAGES chromium postgresql poppler-utils git"

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo > /dev/null 2>&1; then sudo "$@"
  else return 1; fi
}

# install_system "PACKAGE ..."
install_system() {
  local missing= package
  for package in $1; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null | grep -q '^installed$' || missing="$missing $package"
  done
  [ -z "$missing" ] && return 0
  command -v apt-get > /dev/null 2>&1 || fail "这台机器没有 apt-get，请用 Debian 12，或自行装好：$missing。"
  echo "安装系统软件：$missing"
  mkdir -p var
  { as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing; } > var/apt.log 2>&1 ||
    fail "系统软件没有装上（要有网络，并以 root 或 sudo 运行），详情在 var/apt.log：$missing。"
}

# install_python LOCKFILE; sets PY
install_python() {
  local base= candidate wanted stamp
  for candidate in /usr/bin/python3 python3; do
    if "$candidate" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2> /dev/null; then base=$candidate; break; fi
  done
  [ -n "$base" ] || fail "要 Python 3.11 或更新的版本，现在是 $(python3 --version 2>&1)。"
  PY=.venv/bin/python
  wanted=$(sha256sum < "$1" | cut -c1-16)
  stamp=.venv/.installed-$(echo "$1" | tr '/' '-')
  [ -x "$PY" ] && [ "$(cat "$stamp" 2> /dev/null)" = "$wanted" ] && return 0
  echo "安装 Python 软件包：$1"
  mkdir -p var
  [ -x "$PY" ] || "$base" -m venv .venv > var/pip.log 2>&1 || fail "没能建立 .venv，详情在 var/pip.log。"
  "$PY" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1" > var/pip.log 2>&1 ||
    fail "Python 软件包没有装上（要有网络），详情在 var/pip.log。"
  echo "$wanted" > "$stamp"
}
