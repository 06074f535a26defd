# Completion of gradcli for bash: gradcli says what may follow; no space after what goes on.
_gradcli_completion() {
    local IFS=$'\n' found
    found=$(_GRADCLI_COMPLETE=words _GRADCLI_LINE="${COMP_LINE:0:COMP_POINT}" _GRADCLI_WORD="$2" "$1" 2>/dev/null)
    COMPREPLY=($found)
    case "${COMPREPLY[0]}" in
        *[=,/@]) compopt -o nospace ;;
    esac
}
complete -o default -F _gradcli_completion gradcli
