#!/bin/sh
# Makes this machine a host of Berth: fetches the agent, checks it, and has it started, by systemd or as a container.
#
#   curl -fsSL @URL@/install.sh | sh -s -- --join TOKEN
#
# It may be run again at any time: what is as it should be is left alone. Nothing dials in to this machine; the agent dials out.
set -eu

URL='@URL@'
SHA256='@SHA256@'
NODE_AT_LEAST=22
SERVICE=berth-agent
# Where everything is put below; for packagers and tests.
ROOT="${BERTH_INSTALL_ROOT:-}"
LIB="$ROOT/usr/local/lib/berth-agent"
UNIT="$ROOT/etc/systemd/system/$SERVICE.service"
CONFIG="$ROOT/etc/berth"
HOME_FOLDER="$ROOT/var/lib/berth-agent"
# In memory: the secrets that runs have as files. The agent and the engine see it under the same name.
SECRETS="$ROOT/run/berth"
IMAGE="${BERTH_AGENT_IMAGE:-docker.io/library/node:24-slim}"

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

usage() {
  say "usage: sh -s -- --join TOKEN [--name NAME] [--engine ADDRESS] [--container]"
  say "       sh -s -- --uninstall [--purge]"
  say "  --name       what the host is called; the machine's name where absent"
  say "  --engine     unix:///var/run/docker.sock where absent"
  say "  --container  the agent runs as a container of the engine instead of by systemd; needs the docker command, but no Node"
  say "  --uninstall  takes the agent away and leaves its containers; --purge takes its key and its ledger, too"
}

main() {
  join='' name='' engine='' container=false uninstall=false purge=false
  while [ $# -gt 0 ]; do
    case "$1" in
      --join | --name | --engine)
        [ $# -ge 2 ] || fail "$1 needs a value"
        case "$1" in
          --join) join=$2 ;;
          --name) name=$2 ;;
          --engine) engine=$2 ;;
        esac
        shift
        ;;
      --container) container=true ;;
      --uninstall) uninstall=true ;;
      --purge) purge=true ;;
      --help) usage; exit 0 ;;
      *) usage >&2; fail "there is no option $1" ;;
    esac
    shift
  done

  [ "$(uname -s)" = Linux ] || fail "an agent runs on Linux; this is $(uname -s)"
  [ "$(id -u)" -eq 0 ] || fail "this has to be run by root: put sudo before sh, as in … | sudo sh -s -- …"
  if $uninstall; then
    remove
    return
  fi

  # Run again without them, as to update by hand, it stays what it is.
  engine=${engine:-$(known BERTH_ENGINE)}
  engine=${engine:-unix:///var/run/docker.sock}
  name=${name:-$(known BERTH_NAME)}
  [ -f "$UNIT" ] || ! [ -f "$CONFIG/agent.env" ] || container=true
  # They go into files that others read: nothing but what such a value can hold.
  plain join "$join" 'A-Za-z0-9_-'
  plain name "$name" 'A-Za-z0-9._-'
  plain engine "$engine" 'A-Za-z0-9._:/@%+-'
  [ -n "$join" ] || [ -f "$HOME_FOLDER/identity.json" ] || fail "this machine is not enrolled yet: pass --join TOKEN (the console makes one under Hosts, Add a host)"
  command -v curl >/dev/null 2>&1 || fail "curl is needed"
  command -v sha256sum >/dev/null 2>&1 || fail "sha256sum is needed"
  engine_answers || fail "no container engine answers at $engine: install Docker Engine or start it, or name another with --engine"
  say "ok    the container engine answers at $engine"
  if $container; then
    command -v docker >/dev/null 2>&1 || fail "--container needs the docker command"
  else
    node=$(find_node) || fail "Node $NODE_AT_LEAST or newer is needed on this machine; or let the agent run as a container: add --container"
    say "ok    Node is $node"
    command -v systemctl >/dev/null 2>&1 || fail "there is no systemd here; let the agent run as a container: add --container"
  fi

  mkdir -p "$LIB" "$CONFIG"
  (umask 077 && mkdir -p "$HOME_FOLDER")
  fetch_agent
  write_settings
  if $container; then start_container; else start_service; fi
  say
  say "This machine joins Berth at $URL now; it is seen there under Hosts within moments."
  say "What it lets runs do beyond an ordinary container is written in $CONFIG/policy.json; without that file, nothing."
}

# A setting of the installation that is there.
known() { [ ! -f "$CONFIG/agent.env" ] || sed -n "s/^$1=//p" "$CONFIG/agent.env"; }

plain() {
  case "$2" in
    *[!$3]*) fail "--$1 holds a character that it cannot hold" ;;
  esac
}

engine_answers() {
  case "$engine" in
    unix://*) curl -fsS --max-time 10 --unix-socket "${engine#unix://}" http://engine/_ping >/dev/null 2>&1 ;;
    tcp://*) curl -fsS --max-time 10 "http://${engine#tcp://}/_ping" >/dev/null 2>&1 ;;
    http://*) curl -fsS --max-time 10 "$engine/_ping" >/dev/null 2>&1 ;;
    *) fail "--engine must look like unix:///run/docker.sock or tcp://127.0.0.1:2375" ;;
  esac
}

find_node() {
  found=$(command -v node) || return 1
  major=$("$found" -p 'process.versions.node.split(".")[0]' 2>/dev/null) || return 1
  [ "$major" -ge "$NODE_AT_LEAST" ] && printf '%s' "$found"
}

is_whole() { [ -f "$1" ] && printf '%s  %s\n' "$SHA256" "$1" | sha256sum -c - >/dev/null 2>&1; }

fetch_agent() {
  changed=false
  if is_whole "$LIB/agent.mjs"; then
    say "ok    the agent is there already, as this Berth has it"
    return
  fi
  curl -fsSL --max-time 300 -o "$LIB/agent.mjs.new" "$URL/v1/agents/bundle" || fail "the agent could not be fetched from $URL"
  is_whole "$LIB/agent.mjs.new" || {
    rm -f "$LIB/agent.mjs.new"
    fail "what came from $URL is not the agent that this script is for (its SHA-256 is another one): run the line anew"
  }
  chmod 0644 "$LIB/agent.mjs.new"
  mv "$LIB/agent.mjs.new" "$LIB/agent.mjs"
  changed=true
  say "done  fetched the agent to $LIB/agent.mjs"
}

# Writes standard input to the file; answers whether it was another one before.
write_if_new() {
  cat >"$1.new"
  chmod "$2" "$1.new"
  if cmp -s "$1" "$1.new"; then
    rm -f "$1.new"
    return
  fi
  mv "$1.new" "$1"
  changed=true
  say "done  wrote $1"
}

write_settings() {
  # The token is not for everybody on this machine. Once it has joined it is of no more use.
  [ ! -f "$HOME_FOLDER/identity.json" ] || join=''
  (umask 077 && : >"$CONFIG/agent.env.new")
  write_if_new "$CONFIG/agent.env" 0600 <<SETTINGS
BERTH_URL=$URL
BERTH_JOIN=$join
BERTH_NAME=$name
BERTH_ENGINE=$engine
BERTH_AGENT_HOME=$HOME_FOLDER
BERTH_POLICY=$CONFIG/policy.json
MALLOC_ARENA_MAX=2
SETTINGS
}

start_service() {
  mkdir -p "$(dirname "$UNIT")"
  write_if_new "$UNIT" 0644 <<UNIT_FILE
[Unit]
Description=Berth agent: runs containers for $URL
After=network-online.target docker.service
Wants=network-online.target

[Service]
EnvironmentFile=$CONFIG/agent.env
ExecStart=$node $LIB/agent.mjs
Restart=always
RestartSec=2
# Containers are the engine's: they go on while the agent is stopped or started again.
KillMode=process

[Install]
WantedBy=multi-user.target
UNIT_FILE
  systemctl daemon-reload || fail "systemctl does not work here; let the agent run as a container: add --container"
  systemctl enable --quiet "$SERVICE"
  if ! $changed && systemctl is-active --quiet "$SERVICE"; then
    say "ok    $SERVICE runs already"
    return
  fi
  systemctl restart "$SERVICE"
  say "done  started $SERVICE (its log: journalctl -u $SERVICE)"
}

start_container() {
  if ! $changed && [ "$(docker inspect -f '{{.State.Running}}' "$SERVICE" 2>/dev/null)" = true ] && has_secrets_folder; then
    say "ok    the container $SERVICE runs already"
    return
  fi
  docker rm -f "$SERVICE" >/dev/null 2>&1 || true
  socket=''
  case "$engine" in
    unix://*) socket=${engine#unix://} ;;
  esac
  docker run -d --name "$SERVICE" --restart unless-stopped --network host --pid host --env-file "$CONFIG/agent.env" \
    ${socket:+-v "$socket:$socket"} -v "$LIB:$LIB:ro" -v "$CONFIG:$CONFIG:ro" -v "$HOME_FOLDER:$HOME_FOLDER" -v "$SECRETS:$SECRETS" \
    "$IMAGE" node "$LIB/agent.mjs" >/dev/null || fail "the container could not be started"
  say "done  started the container $SERVICE (its log: docker logs $SERVICE)"
}

# One that was made by an earlier version of this script has no place for secrets as files.
has_secrets_folder() { docker inspect -f '{{range .Mounts}}{{println .Destination}}{{end}}' "$SERVICE" | grep -qx "$SECRETS"; }

remove() {
  if [ -f "$UNIT" ]; then
    systemctl disable --now --quiet "$SERVICE" || true
    rm -f "$UNIT"
    systemctl daemon-reload || true
    say "done  stopped $SERVICE and removed its unit"
  fi
  if command -v docker >/dev/null 2>&1 && docker inspect "$SERVICE" >/dev/null 2>&1; then
    docker rm -f "$SERVICE" >/dev/null
    say "done  removed the container $SERVICE"
  fi
  rm -rf "$LIB" "$CONFIG/agent.env"
  if $purge; then
    rm -rf "$HOME_FOLDER"
    say "done  removed its key and its ledger"
  elif [ -d "$HOME_FOLDER" ]; then
    say "ok    its key and its ledger stay in $HOME_FOLDER: installed again, it is the same host"
  fi
  say
  say "The agent is gone from this machine. Containers that it started go on; remove the host in the console to have it forgotten there."
}

# All of it has been read before anything is done.
main "$@"
