#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In the Debian system: the recipes of docs/recipes with the programs that they are
# for, as far as Debian has them. Without the module and without the daemon. Prints
# TAP.

# functions are called by name:
# shellcheck disable=SC2317,SC2086
# shellcheck source=tests/debian/lib.sh
. ./lib.sh
recipes=/usr/share/fsalert/recipes
# The recipes run as a uid and gid that own nothing.
user=$(getent passwd 65534 | cut -d : -f 1)
as_user="setpriv --reuid 65534 --regid 65534 --clear-groups"

install_all() {
	echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/99yes
	check 'install fsalert' apt-get -q --no-install-recommends install \
		./debs/{fsalert,fsalert-poll}_*.deb ./debs/libfsalert0_*.deb
	systemctl disable --now fsalertd
	check 'install the other programs' apt-get -q --no-install-recommends install \
		collectd-core nagios-nrpe-server nagios-nrpe-plugin icinga2-bin \
		icinga2-common postgresql
	make_disk 1 /srv/disk
	chmod 1777 /srv/disk
}

# How much of the disk is available, in percent? Not more than that.
fill_to() {
	local total avail
	total=$(df --output=size -B1 /srv/disk | tail -n 1)
	avail=$(df --output=avail -B1 /srv/disk | tail -n 1)
	fallocate -l $((avail - total * $1 / 100)) /srv/disk/file
}

make_room() {
	rm /srv/disk/file
}

# --- monitoring plugins ------------------------------------------------------------

nrpe() {
	/usr/lib/nagios/plugins/check_nrpe -H 127.0.0.1 -c check_filesystems
}

# nrpe_says STATUS PATTERN
nrpe_says() {
	nrpe >"$dir/nrpe"
	[ $? = "$1" ] && has "$dir/nrpe" "$2"
}

try_nrpe() {
	cp $recipes/nrpe.cfg /etc/nagios/nrpe.d/fsalert.cfg
	check 'NRPE: the server starts' systemctl restart nagios-nrpe-server
	check 'NRPE: all is fine' await 60 nrpe_says 0 '^OK - '
	fill_to 3
	check 'NRPE: critical, with the mount' nrpe_says 2 '^CRITICAL.*/srv/disk'
	sed 's/^/#   /' "$dir/nrpe"
	make_room
	check 'NRPE: fine again' nrpe_says 0 '^OK - '
}

try_icinga() {
	cp $recipes/icinga2.conf /etc/icinga2/conf.d/fsalert.conf
	check 'Icinga: the configuration is valid' icinga2 daemon -C --dump-objects
	icinga2 object list --type Service --name '*!filesystems' >"$dir/icinga"
	check 'Icinga: this host has the service' has "$dir/icinga" 'check_command = "fsalert"'
}

# --- collectd ----------------------------------------------------------------------

# collectd writes notifications to a file.
try_collectd() {
	{
		echo 'LoadPlugin logfile'
		printf '<Plugin logfile>\n\tFile "/run/collectd.log"\n</Plugin>\n'
		sed 's|"/" "10%:12%" "5%:6%"|"/srv/disk" "10%:12%" "5%:6%"|' \
			$recipes/collectd.conf
	} >/etc/collectd/collectd.conf
	check 'collectd starts' systemctl restart collectd
	check 'collectd runs the script' await 60 pgrep -u $user -f 'fsalert watch'
	fill_to 3
	check 'collectd has the notifications' await 60 has /run/collectd.log \
		'severity = WARNING.*/srv/disk: below, [0-9]+ of [0-9]+ blocks are available'
	make_room
	check 'collectd has the all-clear' await 60 has /run/collectd.log \
		'severity = OKAY.*/srv/disk: above'
	sed 's/^/#   /' /run/collectd.log
	systemctl stop collectd
}

# --- what Debian does not have -----------------------------------------------------

try_telegraf() {
	$as_user $recipes/telegraf /srv/disk 10%:12% >"$dir/telegraf" &
	check 'Telegraf: the script listens' await 30 pgrep -u $user -f 'fsalert watch'
	fill_to 3
	check 'Telegraf: a line of the influx protocol' await 60 has "$dir/telegraf" \
		'^fsalert,mount=/srv/disk,fstype=ext4,event=below,severity=(warning|error) avail=[0-9]+i,total=[0-9]+i,frsize=[0-9]+i [0-9]{19}$'
	make_room
	check 'Telegraf: and one that it is over' await 60 has "$dir/telegraf" 'event=above'
	sed 's/^/#   /' "$dir/telegraf"
	pkill -u $user -f 'fsalert watch'
	wait
}

# detector STATUS PATTERN
detector() {
	$as_user $recipes/node-problem-detector /srv/disk >"$dir/detector"
	[ $? = "$1" ] && has "$dir/detector" "$2" && [ "$(wc -c <"$dir/detector")" -le 81 ]
}

try_node_problem_detector() {
	check 'node-problem-detector: the configuration is JSON' \
		python3 -m json.tool $recipes/node-problem-detector.json
	check 'node-problem-detector: no problem' detector 0 '^OK'
	fill_to 3
	check 'node-problem-detector: a problem' detector 1 '^CRITICAL.*/srv/disk'
	make_room
	check 'node-problem-detector: unknown' sh -c \
		"$recipes/node-problem-detector /nowhere; test \$? = 2"
}

# --- a database --------------------------------------------------------------------

sql() {
	runuser -u postgres -- psql -q -X -A -t -d postgres -c "$1"
}

refused() {
	sql "INSERT INTO t VALUES ('x')" >"$dir/sql" 2>&1
	has "$dir/sql" 'read-only transaction'
}

try_postgresql() {
	pg_dropcluster --stop "$(ls /usr/lib/postgresql)" main
	install -d -o postgres /srv/disk/data
	check 'PostgreSQL: a cluster on the disk' pg_createcluster --start \
		-d /srv/disk/data/main "$(ls /usr/lib/postgresql)" main -- --wal-segsize=1
	check 'PostgreSQL: it answers' await 60 sql 'CREATE TABLE t (x text)'
	runuser -u postgres -- $recipes/postgresql /srv/disk/data >"$dir/recipe" 2>&1 &
	check 'PostgreSQL: the script listens' await 30 pgrep -u postgres -f 'fsalert watch'
	check 'PostgreSQL: it takes writes' await 30 sql "INSERT INTO t VALUES ('x')"
	fill_to 4
	check 'PostgreSQL: it takes none below 5 %' await 60 refused
	make_room
	check 'PostgreSQL: it takes them again above 8 %' await 60 \
		sql "INSERT INTO t VALUES ('x')"
	sed 's/^/#   /' "$dir/recipe"
}

install_all
try_nrpe
try_icinga
try_collectd
try_telegraf
try_node_problem_detector
try_postgresql
end
