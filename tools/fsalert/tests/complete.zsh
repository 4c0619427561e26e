# SPDX-License-Identifier: GPL-2.0-only
#
# zsh -f complete.zsh FOLDER - for each line of standard input, print the matches that
# zsh offers at its end. COMPLETION_ZSH is the file with the completion. Completion
# only works in a terminal, so zsh starts another zsh in one, which sources this file
# with "inside". The other zsh replies through a FIFO in FOLDER.

if [[ $1 != inside ]]; then
	zmodload zsh/zpty || exit
	mkfifo $1/replies || exit
	exec {replies}<>$1/replies
	zpty shell zsh -f -i
	zpty -w shell "source ${(q)0:A} inside ${(q)1}"
	read -r -u $replies	# the other zsh is ready
	while IFS= read -r; do
		zpty -w -n shell $'\C-u'$REPLY$'\C-t'
		read -r -u $replies && print -r -- $REPLY
	done
	zpty -d shell
	exit
fi

replies=$2/replies
fpath=(${COMPLETION_ZSH:h} $fpath)
autoload -Uz compinit
compinit -u -D
bindkey -e
typeset -a matches

# builtin compadd -O stores the matches, and adds none.
compadd() {
	local -a found

	builtin compadd -O found "$@"
	matches+=($found)
	builtin compadd "$@"
}

# The line stays as it is.
reply() {
	matches=()
	_main_complete
	print -r -- ${(ou)matches} >$replies
	compstate[insert]= compstate[list]=
}

zle -C reply complete-word reply
bindkey '^T' reply
print ready >$replies
