# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion for fsalert(1) in bash.

_fsalert()
{
	local cur prev command word
	local commands='status watch wait list set unset clear doctor'
	local events='enospc enospc_meta remount_ro corrupted io_error shutdown unmount'
	local levels='below above ino_below ino_above cleared
		thr_lrbelow thr_lrabove thr_urbelow thr_urabove thr_below thr_above'
	cur=${COMP_WORDS[COMP_CWORD]}
	prev=${COMP_WORDS[COMP_CWORD - 1]}
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[[ $word == -* ]] || { command=$word; break; }
	done
	COMPREPLY=()
	case $prev in
	-m|--mount|-i|--instance)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return ;;
	--event)
		# the last one of a list
		word=''
		[[ $cur != *,* ]] || word=${cur%,*},
		mapfile -t COMPREPLY < <(compgen -P "$word" \
			-W "$events $levels" -- "${cur##*,}")
		return ;;
	--severity)
		mapfile -t COMPREPLY < <(compgen -W 'info warning error' -- "$cur")
		return ;;
	--source)
		mapfile -t COMPREPLY < <(compgen -W 'any kernel poll' -- "$cur")
		return ;;
	-n|--count|-t|--timeout|-b|--buffer|-w|--warning|-c|--critical|--format|--time-format)
		return ;;
	--exec)
		mapfile -t COMPREPLY < <(compgen -c -- "$cur")
		return ;;
	esac
	if [[ $cur == -* ]]; then
		case ${command-} in
		status)	word='--json --noheadings --warning --critical' ;;
		watch)	word='--json --count --timeout --buffer --mount --event --severity --format --time-format --exec --source' ;;
		wait)	word='--json --timeout --format --time-format --source' ;;
		list|doctor)	word='--json --noheadings' ;;
		set|unset|clear)	word='--instance' ;;
		*)	word='--help --version' ;;
		esac
	else
		case ${command-} in
		'')	word=$commands ;;
		status)	word='' ;;
		list|clear|doctor)	return ;;
		wait)	word="T I $events" ;;
		*)	word='G T I' ;;
		esac
		[[ -z ${command-} ]] ||
			mapfile -t COMPREPLY < <(compgen -d -- "$cur")
	fi
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$word" -- "$cur")
}
complete -o filenames -F _fsalert fsalert
