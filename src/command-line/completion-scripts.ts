/**
 * The completion script of each shell. It calls `wwanpi __complete WORD…`, which prints one line per possible word:
 * word, tab, description. Without output, the shell completes file names.
 */
export const COMPLETION_SCRIPTS: Readonly<Record<'bash' | 'zsh' | 'fish', string>> = {
  bash: `# bash completion for wwanpi. In ~/.bashrc:  source <(wwanpi completion bash)
_wwanpi() {
  local word rest
  COMPREPLY=()
  while IFS=$'\\t' read -r word rest; do
    COMPREPLY+=("$word")
  done < <("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _wwanpi wwanpi
`,
  zsh: `#compdef wwanpi
# zsh completion for wwanpi. In ~/.zshrc, after compinit:  source <(wwanpi completion zsh)
_wwanpi() {
  local line
  local -a candidates
  while IFS= read -r line; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe -V 'wwanpi' candidates
  else
    _files
  fi
}
compdef _wwanpi wwanpi
`,
  fish: `# fish completion for wwanpi:  wwanpi completion fish > ~/.config/fish/completions/wwanpi.fish
function __wwanpi_complete
  set -l words (commandline -opc)
  set -l program $words[1]
  set -e words[1]
  set -l current (commandline -ct)
  # In quotes, so that a word not begun yet is an empty one.
  $program __complete $words "$current" 2>/dev/null
end
complete -c wwanpi -a '(__wwanpi_complete)'
`,
};
