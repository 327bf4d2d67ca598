# zsh -f complete.zsh SCRIPT OUTPUT 'WORDS BEING TYPED': what a shell that has read SCRIPT offers, a line each, into OUTPUT.
# Completion works in an interactive shell only: one is started on a terminal of its own, and told to write down its candidates.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= ; autoload -Uz compinit; compinit -D -u; source $1; output=$2"
# With -O, -A or -D the builtin only looks.
zpty -w shell 'compadd() {
  local -a found
  if [[ -z ${argv[(r)-[OAD]]} ]]; then builtin compadd -O found "$@"; print -rl -- $found >> $output; fi
  builtin compadd "$@"
}
collect() { _main_complete; compstate[insert]=; compstate[list]=; print -r -- "DO""NE"; }
zle -C collect list-choices collect
bindkey "^I" collect; print -r -- "REA""DY"'
zpty -r shell ignored '*READY*'
zpty -w -n shell "$3"$'\t'
zpty -r shell ignored '*DONE*'
zpty -d shell
