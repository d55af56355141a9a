# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# completions/isolate.bash - completion of isolate for bash

# Names in the first column of a listing; its head line is not one.
_isolate_names() { # profile|identity
	isolatectl "$1" list 2>/dev/null | sed -n '2,$s/ .*//p'
}

_isolate_keys() {
	isolate --explain all 2>/dev/null | sed -n 's/ =.*//p' | sort -u
}

_isolate_fill() { # WORDS
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

# What stands behind the = of --set KEY=
_isolate_value() {
	local key=${cur%%=*}

	case $key in
	network) cur=${cur#*=} _isolate_fill 'transparent socks none' ;;
	tor) cur=${cur#*=} _isolate_fill 'auto embedded own unix:/' ;;
	dns) cur=${cur#*=} _isolate_fill 'names resolve' ;;
	control) cur=${cur#*=} _isolate_fill 'none minimal browser onion-service' ;;
	onion-key) cur=${cur#*=} _isolate_fill 'keep discard' ;;
	log) cur=${cur#*=} _isolate_fill 'none destinations' ;;
	socks-ports) cur=${cur#*=} _isolate_fill 'all none' ;;
	isolate-by) cur=${cur#*=} _isolate_fill 'app destination port connection' ;;
	socket-families) cur=${cur#*=} _isolate_fill 'unix inet inet6 netlink' ;;
	amnesic | exclusive | ptrace | userns | w-xor-x)
		cur=${cur#*=} _isolate_fill 'yes no'
		;;
	identity) cur=${cur#*=} _isolate_fill "$(_isolate_names identity)" ;;
	*) COMPREPLY=() ;;
	esac
	COMPREPLY=("${COMPREPLY[@]/#/$key=}")
}

_isolate_argument() { # OPTION: its argument is being written
	case $1 in
	-i | --identity) _isolate_fill "$(_isolate_names identity)" ;;
	-p | --profile) _isolate_fill "$(_isolate_names profile)" ;;
	--network) _isolate_fill 'transparent socks none' ;;
	--tor) _isolate_fill 'auto embedded own unix:/' ;;
	--explain) _isolate_fill "all $(_isolate_keys)" ;;
	--set)
		if [[ $cur == *=* ]]; then
			_isolate_value
		else
			_isolate_fill "$(_isolate_keys | sed 's/$/=/')"
			compopt -o nospace
		fi
		;;
	--bind | --ro-bind)
		compopt -o nospace
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		;;
	*) COMPREPLY=() ;; # --env: nothing is known
	esac
}

# readline takes what stands behind the last = or : for the word
_isolate_trim() {
	local head=${cur%"${cur##*[=:]}"}

	COMPREPLY=("${COMPREPLY[@]#"$head"}")
}

_isolate() {
	local words=() cur i n=0 token=

	# as typed: COMP_WORDS is split at = and : too
	read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
	[[ ${COMP_LINE:0:COMP_POINT} != *[[:blank:]] ]] || words+=('')
	cur=${words[-1]}
	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		case ${words[i]} in
		--)
			((i++))
			break
			;;
		-i | -p | --identity | --profile | --network | --tor | --bind | \
			--ro-bind | --env | --set | --explain)
			if ((++i == ${#words[@]} - 1)); then
				_isolate_argument "${words[i - 1]}"
				_isolate_trim
				return
			fi
			;;
		-*) ;;
		*) break ;;
		esac
	done
	if ((i == ${#words[@]} - 1)) && [[ ${words[i - 1]} != -- ]]; then
		case $cur in
		--*=*)
			local option=${cur%%=*}

			cur=${cur#*=}
			_isolate_argument "$option"
			_isolate_trim
			return
			;;
		-*)
			_isolate_fill '-i --identity -p --profile --network --tor
				--amnesic --bind --ro-bind --env --set --explain
				--dry-run -v --verbose -V --version -h --help'
			return
			;;
		esac
	fi
	# the command: complete as if it stood alone
	for ((n = 1; n < COMP_CWORD && i > 1; n++)); do
		token+=${COMP_WORDS[n]}
		if [[ $token == "${words[1]}" ]]; then
			words=("${words[@]:1}")
			token=
			((i--))
		fi
	done
	if declare -F _comp_command_offset >/dev/null; then
		_comp_command_offset "$n"
	elif declare -F _command_offset >/dev/null; then
		_command_offset "$n"
	elif ((n == COMP_CWORD)); then
		mapfile -t COMPREPLY < <(compgen -c -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}
complete -F _isolate isolate
