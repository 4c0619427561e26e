#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In the Debian system: Prometheus, its node exporter and Alertmanager, as Debian has
# them. The alert of a full disk arrives at Alertmanager, and ends. Without the
# module. Prints TAP.

# functions are called by name:
# shellcheck disable=SC2317
# shellcheck source=tests/debian/lib.sh
. ./lib.sh

install_daemon() {
	echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/99yes
	check 'install the daemon' apt-get -q --no-install-recommends install \
		./debs/{fsalert,fsalert-poll}_*.deb ./debs/libfsalert0_*.deb
	printf 'settle = 5s\n' >/etc/fsalert/conf.d/settle.conf
	make_disk 1 /srv/disk
	systemctl reload fsalertd
}

# as fsalertd(8) says
link_figures() {
	sh -c "$(man_command 'ln -s')"
}

man_command() {
	zcat /usr/share/man/man8/fsalertd.8.gz | sed -n "s/^\.Dl \($1 .*\)/\1/p"
}

# Alerts are looked for every second, and sent at once.
configure() {
	cat >/etc/prometheus/prometheus.yml <<'END'
global:
  scrape_interval: 1s
  evaluation_interval: 1s
alerting:
  alertmanagers:
    - static_configs:
        - targets: ['localhost:9093']
rule_files:
  - /usr/share/fsalert/fsalert.rules.yml
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ['localhost:9100']
END
	cat >/etc/prometheus/alertmanager.yml <<'END'
route:
  receiver: none
  group_wait: 1s
receivers:
  - name: none
END
}

api() {
	curl -s -f "http://localhost:$1" >"$dir/api"
}

# answers URL PATTERN...
answers() {
	api "$1" || return
	shift
	has "$dir/api" "$@"
}

alerts='9093/api/v2/alerts?active=true'

# alerted NAME: that alert about the disk has arrived
alerted() {
	api "$alerts" && python3 - "$1" "$dir/api" <<'END'
import json, sys
found = [a for a in json.load(open(sys.argv[2]))
         if a["labels"]["alertname"] == sys.argv[1]
         and a["labels"].get("mountpoint") == "/srv/disk"]
print(json.dumps(found, indent=1))
sys.exit(not found)
END
}

none_alerted() {
	api "$alerts" && has "$dir/api" '^\[\]'
}

install_daemon
check 'the file of figures is linked' link_figures
configure
check 'promtool: the rules' promtool check rules /usr/share/fsalert/fsalert.rules.yml
check 'promtool: a daemon that is silent or gone' promtool test rules alerts.yml
check 'promtool: the figures' sh -c 'promtool check metrics </run/fsalert/fsalert.prom'
check 'the dashboard is JSON' python3 -m json.tool /usr/share/fsalert/fsalert-dashboard.json
systemctl start --no-block prometheus-node-exporter prometheus-alertmanager prometheus
check 'node_exporter has the figures' await 120 answers 9100/metrics \
	'^fsalert_watched\{.*mountpoint="/srv/disk".* 1$' '^fsalert_heartbeat'
check 'Prometheus has the rules' await 120 answers 9090/api/v1/rules FileSystemSpace FsalertdSilent
check 'Prometheus has the figures' await 120 answers '9090/api/v1/query?query=fsalert_watched' /srv/disk
check 'Alertmanager is up' await 120 api 9093/-/ready
check 'no alert yet' none_alerted

start=$(date +%s.%N)
dd if=/dev/zero of=/srv/disk/file bs=1M status=none 2>/dev/null
check 'the alert about space arrives' await 120 alerted FileSystemSpace
figure "full disk to an alert at Alertmanager: $(since "$start") s, with scrapes every second"
check 'the alert about the full disk arrives' await 120 alerted FileSystemFull
sed 's/^/#   /' "$dir/await"
check 'amtool shows it' has <(amtool --alertmanager.url=http://localhost:9093 alert query 2>&1) \
	FileSystemFull
sed 's/^/#   /' /run/fsalert/fsalert.prom

rm /srv/disk/file
start=$(date +%s.%N)
check 'the alerts end' await 400 none_alerted
figure "room to no alert at Alertmanager: $(since "$start") s"

systemctl kill -s KILL fsalertd
systemctl stop fsalertd
check 'a daemon that is gone is an alert' await 400 answers "$alerts" FsalertdSilent
end
