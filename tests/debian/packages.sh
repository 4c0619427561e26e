#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In the Debian system: the packages are installed as the README says, a mail arrives
# when the disk is full, units and journal are looked at, the packages are upgraded,
# and purged. Prints TAP.

# functions are called by name:
# shellcheck disable=SC2317
# shellcheck source=tests/debian/lib.sh
. ./lib.sh
here=$PWD
mail=/var/mail/root
settings=/etc/fsalert/conf.d

# Is there a module for this kernel?
case $(uname -r) in
6.12.*|7.*)	kernel=y ;;
*)		kernel='' ;;
esac

# --- from a fresh Debian to a mail -------------------------------------------------

files() {
	find /etc /usr /var/lib /run -xdev \( -path /usr/share/doc -o -path /run/udev \
		-o -path /run/given -o -path '/run/systemd/*' \) -prune -o -print | sort
	find /run/systemd/system /run/systemd/transient 2>/dev/null | sort
}

# howto NUMBER: that command of the README
howto() {
	bash -ec "$(sed -n "${1}p" "$here/howto")"
}

source_is() {
	grep -q -x "fsalert_source_is_kernel $1" /run/fsalert/fsalert.prom
}

# mailed WHAT: a mail with that subject is there
mailed() {
	has "$mail" "^Subject: debian: $1: .*/"
}

# DKMS finds what the compiler made on the machine around this one.
use_compiled() {
	echo "cache_dir = $here/ccache" >/etc/ccache.conf
	echo 'DPkg::Path "/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin";' \
		>/etc/apt/apt.conf.d/99ccache
}

install_packages() {
	files >"$dir/before"
	cut -d : -f 1 /etc/passwd /etc/group | sort >"$dir/before.users"
	# Without a terminal apt can't ask.
	echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/99yes
	use_compiled
	cd debs || return
	start=$(date +%s.%N)
	check 'the how-to: install' howto 1
	figure "apt install took $(since "$start") s"
	cd ..
	check 'the daemon is running' systemctl is-active fsalertd
	check 'no unit failed' test -z "$(systemctl --failed --plain --no-legend)"
	if [ -n "$kernel" ]; then
		check 'DKMS built the module' has <(dkms status) 'fs-events/.*: installed'
		ccache -s | sed 's/^/# ccache: /'
		check 'fstrace is mounted' await 60 mountpoint -q /sys/fs/events
		check 'events come from the kernel' await 60 source_is 1
		check 'fsalert doctor misses nothing' fsalert doctor
	else
		check 'events come from fsalert-poll' await 60 source_is 0
		fsalert doctor >"$dir/doctor"
		check 'fsalert doctor says why' has "$dir/doctor" \
			'kernel +missing .*6.12 and 7' 'helper +ok'
	fi
	check 'fsalert status: all is right' fsalert status
}

fill_the_disk() {
	check 'the how-to: a rule for mail' howto 2
	check 'the how-to: reload' howto 3
	cp $settings/mail.conf "$dir/mail.conf"
	start=$(date +%s.%N)
	check 'the how-to: fill the disk' howto 4
	check 'a mail is in the spool' await 60 mailed alert
	figure "full disk to mail in the spool: $(since "$start") s"
	fsalert status >"$dir/status"
	check 'fsalert status: critical' test $? = 2
	check 'the unit of the rule ran' has \
		<(journalctl -q -o cat -u 'fsalert-mail@-.service') 'Finished .*Mail about /'
	check 'the how-to: make room' howto 5
	check 'a mail says that it is over' await 150 mailed 'all clear'
	sed 's/^/#   /' $mail
}

# --- units and journal -------------------------------------------------------------

units=/usr/lib/systemd/system

field() {
	journalctl -q -o json -u fsalertd FSALERT_STATE="$1" FSALERT_MOUNT=/ \
		>"$dir/json"
	has "$dir/json" "\"$2\":\"$3\""
}

failed() {
	[ "$(systemctl is-failed fsalertd)" = failed ]
}

# An error in the configuration is reported once, not each second.
break_configuration() {
	echo nonsense >$settings/broken.conf
	check 'a reload with an error is refused' sh -c '! systemctl reload fsalertd'
	check 'the daemon goes on' systemctl is-active fsalertd
	check 'a restart with an error fails' sh -c '! systemctl restart fsalertd'
	check 'it is not tried again' failed
	check 'the journal has file, line and word' logged \
		"$settings/broken.conf:1: 'nonsense': neither KEY=VALUE nor \[NAME\]"
	rm $settings/broken.conf
	check 'it starts again without the error' systemctl start fsalertd
	check 'no alarm came of it' fsalert status
}

same_namespace() {
	[ "$(readlink "/proc/$(systemctl show -P MainPID fsalertd)/ns/mnt")" = \
		"$(readlink /proc/1/ns/mnt)" ]
}

limits() {
	systemctl show -P StartLimitIntervalUSec \
		fsalert-{mail,wall,webhook,desktop,cleanup}@srv.service | sed '/^$/d' | sort -u
}

look_at_units() {
	check 'systemd-analyze verify' systemd-analyze verify --man=no $units/fsalertd.service \
		$units/sys-fs-events.{mount,path} $units/fsalert-{mail,wall,webhook,desktop,cleanup}@srv.service
	# Less takes a mount namespace, in which no watch outlives the daemon.
	check 'systemd-analyze security: at most 3.2' \
		systemd-analyze security --no-pager --threshold=32 fsalertd.service
	check 'no report is too much for the units' test "$(limits)" = 0
	check 'the daemon is in the mount namespace of the system' same_namespace
	figure "$(systemd-analyze security --no-pager fsalertd.service | tail -n 1)"
	check 'the journal has the condition' field raised FSALERT_CONDITION below
	check 'the journal has the type' field raised FSALERT_FSTYPE ext4
	check 'the journal has figures' field raised FSALERT_TOTAL '[1-9][0-9]*'
	check 'the journal has the all-clear' field over FSALERT_ALL_CLEAR 1
	journalctl -q -x -u fsalertd >"$dir/explained"
	check 'the journal explains' has "$dir/explained" \
		'Little space is left on /$' 'du -xh -d1 /' 'All clear at /$'
}

# --- units of rules ----------------------------------------------------------------

made_room() {
	journalctl -q -o cat -u 'fsalert-cleanup@-.service' >"$dir/cleanup"
	has "$dir/cleanup" '^/: [1-9][0-9]* MiB more are available'
}

# watched PATH: the daemon watches it
watched() {
	grep -q "fsalert_watched.*\"$1\".* 1\$" /run/fsalert/fsalert.prom
}

wait_for_note() {
	has /run/note 'FSALERT_CONDITION=(below|enospc)$' 'FSALERT_MOUNT=/srv/my-disk$' 'mount is /srv/my-disk$'
}

reported_twice() {
	journalctl -q -o cat -u fsalertd FSALERT_STATE=raised FSALERT_MOUNT=/srv/my-disk |
		sort >"$dir/reported"
	[ "$(wc -l <"$dir/reported")" -ge 2 ]
}

no_mail_failed() {
	journalctl -q -o cat -u 'fsalert-mail@-.service' >"$dir/tries"
	! grep '^Failed to start' "$dir/tries"
}

# Each report went to the unit, once.
all_noted() {
	reported_twice
	sed -n 's/^FSALERT_TEXT=//p' /run/note | sort | diff "$dir/reported" -
}

# finished UNIT: for that disk
finished() {
	journalctl -q -o cat -u "$(systemd-escape --path --template="$1@.service" /srv/my-disk)" \
		>"$dir/finished"
	has "$dir/finished" '^Finished '
}

start_webhook() {
	echo 'URL=http://localhost:8080/' >/etc/fsalert/webhook.env
	python3 - "$dir/posted" <<'END' &
import http.server, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[1], "ab") as file:
            file.write(text)
        self.send_response(204)
        self.end_headers()

http.server.HTTPServer(("localhost", 8080), Handler).serve_forever()
END
	webhook=$!
}

# A user with a bus; a notify-send that says with whom it is run.
start_desktop() {
	useradd -m -u 1000 user
	loginctl enable-linger user
	check 'the user has a bus' await 120 test -S /run/user/1000/bus
	cat >/usr/local/bin/notify-send <<'END'
#!/bin/sh
busctl --address="$DBUS_SESSION_BUS_ADDRESS" list >/dev/null && bus=ok
printf '%s\n' "uid $(id -u), bus ${bus-not reached}" "$@" | tee /run/user/1000/notice
END
	chmod +x /usr/local/bin/notify-send
}

# A wall that says how it is called, and shows what it shows.
make_wall() {
	cat >/usr/local/bin/wall <<'END'
#!/bin/sh
text=$(cat)
printf '%s\n' "wall has $# arguments" "$text"
printf '%s\n' "$text" | /usr/bin/wall
END
	chmod +x /usr/local/bin/wall
}

# A name with "-", which systemd writes with a backslash in names of units.
run_units() {
	cat >/etc/systemd/system/note@.service <<'END'
[Service]
Type=oneshot
EnvironmentFile=/run/fsalert/%i.env
ExecStart=sh -c '{ env; echo "mount is %f"; } >>/run/note; read -r line </run/go'
END
	{
		echo '[note]'
		echo 'path = /srv/my-disk'
		echo 'unit = note@%i.service fsalert-wall@%i.service'
		echo '       fsalert-webhook@%i.service fsalert-desktop@%i.service'
	} >$settings/note.conf
	start_webhook
	start_desktop
	make_wall
	printf '[cleanup]\npath = /\nunit = fsalert-cleanup@%%i.service\non = space\n' \
		>$settings/cleanup.conf
	systemctl daemon-reload
	# The unit runs until there is a line for it.
	mkfifo /run/go
	exec 5<>/run/go
	make_disk 1 /srv/my-disk
	check 'reload with a rule of our own' systemctl reload fsalertd
	check 'the disk is watched' await 60 watched /srv/my-disk
	dd if=/dev/zero of=/srv/my-disk/file bs=1M status=none 2>/dev/null
	check 'several reports in a moment' await 60 reported_twice
	check 'the unit is running' await 60 wait_for_note
	check 'restart while a unit is running' systemctl restart fsalertd
	yes | head -n 100 >&5
	check 'the unit of our own ran' await 60 finished note
	check 'it got each report, and none twice' await 60 all_noted
	exec 5>&-
	check 'the webhook was called' await 60 has "$dir/posted" \
		'"mount":"/srv/my-disk"' '"condition":"(below|enospc)"' '"state":"raised"'
	check 'a message was sent to all terminals' await 60 finished fsalert-wall
	check 'the message is no argument: it may be the name of a file' has "$dir/finished" \
		'^wall has 0 arguments$' '^/srv/my-disk \(ext4 /dev/[a-z]+\): '
	check 'a notice was sent to the desktop of a user' await 60 has /run/user/1000/notice \
		'^uid 1000, bus ok$' '--urgency=critical' 'debian: alert' '/srv/my-disk'
	kill "$webhook"
	rm /usr/local/bin/wall
	# The cleanup takes what autopkgtest.sh is going to install.
	cp /var/cache/apt/archives/*{libmnl-dev,pkgconf}*.deb "$dir/"
	fallocate -l "$(df --output=avail -B1 / | tail -n 1)" /full
	check 'the cleanup unit made room' await 90 made_room
	rm /full /srv/my-disk/file $settings/note.conf $settings/cleanup.conf
	check 'reload without them' systemctl reload fsalertd
	check 'all is clear again' await 150 fsalert status
	check 'the disk of the mail queue was full, and all mails were sent' no_mail_failed
	umount /srv/my-disk
}

# --- upgrade -----------------------------------------------------------------------

# how often the daemon reported STATE for the disk
reports() {
	journalctl -q -o cat -u fsalertd FSALERT_STATE="$1" FSALERT_MOUNT=/srv/disk \
		FSALERT_CONDITION=below | wc -l
}

raised_more_than() {
	[ "$(reports raised)" -gt "$1" ]
}

upgrade() {
	echo '# a line of the administrator' >>/etc/fsalert/fsalert.conf
	make_disk 1 /srv/disk
	check 'the disk of the upgrade is watched' await 60 watched /srv/disk
	before=$(reports raised)
	dd if=/dev/zero of=/srv/disk/file bs=1M count=50 status=none
	check 'an alarm before the upgrade' await 60 raised_more_than "$before"
	before=$(reports raised)
	old=$(systemctl show -P MainPID fsalertd)
	cd debs-new || return
	[ -z "$kernel" ] || module='./fs-events-dkms_*.deb'
	# shellcheck disable=SC2086  # a pattern
	check 'upgrade' apt-get -q install ./{fsalert,fsalert-poll,libfsalert0}_*.deb ${module-}
	cd ..
	check 'the daemon is another process' test "$(systemctl show -P MainPID fsalertd)" != "$old"
	check 'the daemon is running after the upgrade' systemctl is-active fsalertd
	check 'the configuration stays' has /etc/fsalert/fsalert.conf 'line of the administrator'
	check 'the rule stays' cmp $settings/mail.conf "$dir/mail.conf"
	[ -z "$kernel" ] || {
		check 'the watches stay' await 30 logged 'with the watches from before'
		check 'events come from the kernel after the upgrade' await 60 source_is 1
	}
	dd if=/dev/zero of=/srv/disk/more bs=1M status=none 2>/dev/null
	# The module looks again within a minute, when nothing has changed for one.
	check 'the next level is reported' await 120 raised_more_than "$before"
	check 'nothing is reported again' test "$(reports raised)" = $((before + 1))
	rm -f /srv/disk/file /srv/disk/more
	umount /srv/disk
	check 'a mail says that the alarms ended with the mount' await 60 mailed ended
}

# --- purge -------------------------------------------------------------------------

# What may stay, and why. Files of other packages are not ours; these belong to none:
may_stay='
# what apt, dpkg, systemd and others know
^/var/lib/(apt|dpkg|systemd|ucf|pam|polkit-1|dbus|private|logrotate|python)(/|$)
^/var/lib/(shells\.state|man-db|sgml-base|xml-core)
# the kernel: initrd, lists of modules, the key that DKMS made for itself
^/(usr/)?lib/modules/
^/var/lib/(dkms|initramfs-tools|shim-signed)(/|$)
# what the packages of the how-to that were not purged (dma, polkit, gcc) set up;
# xz, fakeroot and fonts come with those
^/etc/(dma|aliases|mailname|alternatives|polkit-1|dkms|ld\.so\.cache|mail)
^/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?$
^/etc/(systemd/system/.*(dma|polkit|dkms)|rc.\.d/|init\.d/|sysctl|cron|X11|profile|ssl)
^/usr/(bin|sbin|lib|share)/.*(alternatives|cc|c89|c99|gcc|c\+\+|cpp|gencat|python|__pycache__|locale)
^/usr/(bin|share/man)/.*(lz|faked|fakeroot)
^/(etc|usr/local/share)/(sgml|xml|fonts)(/|$)
^/etc/(apt/apt.conf.d/99|ccache)
^/etc/systemd/system/note@.service$
# containers of podman
^/(var/lib|run)/(containers|crun|libpod)(/|$)
# what runs
^/run/(fsalert-test|note|user|dbus|log|initctl|utmp|lock|mount|sudo|dma|polkit|blkid|initramfs|netns|credentials)(/|$)
^/run/systemd/(system|transient)$
'

new_files() {
	files | comm -13 "$dir/before" - >"$dir/new"
	cat /var/lib/dpkg/info/*.list | sort -u >"$dir/owned"
	sed 's,^/\(bin\|sbin\|lib\),/usr/\1,' "$dir/owned" | sort -u - "$dir/owned" |
		comm -13 - "$dir/new" |
		grep -v -E -f <(echo "$may_stay" | sed '/^#/d; /^$/d')
}

purge() {
	mapfile -t ours < <(dpkg-query -W -f '${Package} ${source:Package}\n' |
		sed -n 's/ fs-events$//p')
	check 'purge' apt-get -q purge "${ours[@]}"
	rm -f "$mail" /run/note /run/go /etc/systemd/system/note@.service \
		/usr/local/bin/notify-send
	check 'purge leaves no file with our name' test -z \
		"$(find /etc /usr /var /run -xdev -name '*fsalert*' -o -xdev -name '*fs_events*' \
			-o -xdev -name '*fs-events*' | tee "$dir/named")"
	sed 's/^/#   /' "$dir/named"
	new_files >"$dir/left"
	check 'purge leaves nothing else' test ! -s "$dir/left"
	sed 's/^/#   /' "$dir/left"
	# A system user stays: its number must not become that of another user.
	cut -d : -f 1 /etc/passwd /etc/group | sort | comm -13 "$dir/before.users" - |
		sort -u >"$dir/users"
	sed 's/^/#   new user or group: /' "$dir/users"
	check 'purge leaves fstrace unmounted' test ! -e /sys/fs/events/watch
}

install_packages
fill_the_disk
look_at_units
break_configuration
run_units
upgrade
[ -z "$kernel" ] || {
	. ./kill.sh
	. ./container.sh
	. ./module.sh
}
. ./autopkgtest.sh
purge
end
