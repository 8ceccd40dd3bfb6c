@rem The npm scripts begin with exec, so that signals reach node and not a shell before it; cmd.exe lacks the word.
@%*
