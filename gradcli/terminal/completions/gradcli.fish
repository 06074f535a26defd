# Completion of gradcli for fish: gradcli says what may follow; fish adds no space after = , / and @.
function __gradcli_completion
    set -l found (env _GRADCLI_COMPLETE=words _GRADCLI_LINE=(commandline -cp | string collect) gradcli 2>/dev/null)
    if test (count $found) -eq 0
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $found
    end
end
complete --command gradcli --no-files --arguments '(__gradcli_completion)'
