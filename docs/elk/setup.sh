#!/usr/bin/env bash
# The steps around Elasticsearch and Kibana, for compose.yaml. Each can be taken again at any time.
# setup.sh check            is all set in .env?
# setup.sh elasticsearch    passwords, the shipper's role and user, lifecycle, index template
# setup.sh kibana           data view and dashboard
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

elasticsearch=${ELASTICSEARCH_URL:-http://elasticsearch:9200}
kibana=${KIBANA_URL:-http://kibana:5601}

check() {
  local name
  for name in ELASTIC_PASSWORD KIBANA_PASSWORD FILEBEAT_PASSWORD; do
    if [[ ! ${!name-} =~ ^[A-Za-z0-9._~-]{12,}$ ]]; then
      echo "error: set $name in .env: 12 or more letters, digits, - _ . ~ (see docs/elk/env.example)." >&2
      return 1
    fi
  done
  if [[ ${LOGO_GAN_LOG_FORMAT-} != json || ${LOGO_GAN_LOG_DIR-} != /var/log/logo-gan ]]; then
    echo "error: set LOGO_GAN_LOG_FORMAT and LOGO_GAN_LOG_DIR in .env as docs/elk/env.example does." >&2
    return 1
  fi
}

ask() { # METHOD URL OPTIONS...: prints the answer; any status of 400 and more ends the script
  echo "$1 $2" >&2
  curl --silent --show-error --fail --max-time 60 --user "elastic:$ELASTIC_PASSWORD" --request "$@"
}

send() { # METHOD PATH: JSON from standard input to Elasticsearch
  ask "$1" "$elasticsearch/$2" --header "Content-Type: application/json" --data-binary @- >/dev/null
}

set_up_elasticsearch() {
  printf '{"password": "%s"}' "$KIBANA_PASSWORD" | send PUT _security/user/kibana_system/_password
  send PUT _security/role/logo_gan_shipper <role.json
  printf '{"password": "%s", "roles": ["logo_gan_shipper"]}' "$FILEBEAT_PASSWORD" | send PUT _security/user/logo_gan_shipper
  send PUT _ilm/policy/logo_gan <lifecycle.json
  send PUT _index_template/logo_gan <index_template.json
}

set_up_kibana() {
  local answer
  answer=$(ask POST "$kibana/api/saved_objects/_import?overwrite=true" --header "kbn-xsrf: true" --form file=@dashboard.ndjson)
  # Kibana answers with status 200 as well when it refused some of the objects.
  if [[ $answer != *'"success":true'* ]]; then
    echo "error: Kibana did not take the dashboard: $answer" >&2
    return 1
  fi
}

case ${1-} in
  check) check ;;
  elasticsearch) set_up_elasticsearch ;;
  kibana) set_up_kibana ;;
  *) echo "error: setup.sh check | elasticsearch | kibana" >&2; exit 2 ;;
esac
