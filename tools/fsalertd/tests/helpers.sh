#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the programs of the units make of a report. Prints TAP. curl and sendmail are
# replaced.

# shellcheck source=tools/fsalert/tests/tap.sh
. "$(dirname "$0")/../../fsalert/tests/tap.sh"
data=$(dirname "$0")/../data
PATH=$dir:$PATH
export dir

cat >"$dir/curl" <<'END'
#!/bin/sh
printf '%s\n' "$@" >"$dir/arguments"
cat "$2" >"$dir/settings"
cat >"$dir/posted"
END
cat >"$dir/sendmail" <<'END'
#!/bin/sh
cat >"$dir/mailed"
END
chmod +x "$dir/curl" "$dir/sendmail"
export SENDMAIL="$dir/sendmail"

name=$(printf '/a"\\b\n\t\033[Jü')
export FSALERT_TEXT='/a"\134b\012: is "full"' FSALERT_STATE=raised \
	FSALERT_CONDITION=enospc FSALERT_MOUNT="$name" FSALERT_SOURCE=/dev/sda \
	FSALERT_FSTYPE=ext4 FSALERT_LEVEL_NR=0 FSALERT_COUNT=2 FSALERT_ALL_CLEAR=0

URL='https://example.org/token?a="b"\c' "$data/webhook"
is 'the object of the webhook' '{"text":"/a\"\\134b\\012: is \"full\"","state":"raised","condition":"enospc","mount":"/a\"\\b\u000a\u0009\u001b[Jü","source":"/dev/sda","fstype":"ext4","level":0,"count":2,"all_clear":0}' \
	"$(sed 's/"host":"[^"]*",//' "$dir/posted")"
is 'its URL is no argument of curl' 0 "$(grep -c token "$dir/arguments")"
is 'curl gets it' 'url = "https://example.org/token?a=\"b\"\\c"' \
	"$(cat "$dir/settings")"
is 'it has the host' 1 "$(grep -c "^{\"host\":\"$(uname -n)\"," "$dir/posted")"

"$data/mail"
is 'a mail shows control characters as such' \
	'File system:  /dev/sda on /a"\b???[Jü (ext4)' \
	"$(grep '^File system:' "$dir/mailed")"
is 'its subject has the text' "Subject: $(uname -n): alert: $FSALERT_TEXT" \
	"$(grep '^Subject:' "$dir/mailed")"

end
