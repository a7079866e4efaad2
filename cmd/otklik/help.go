package main

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// russianHelp is kong's help page in the language of the people who read it.
func russianHelp(options kong.HelpOptions, ctx *kong.Context) error {
	out := ctx.Stdout
	var page bytes.Buffer
	ctx.Stdout = &page
	err := kong.DefaultHelpPrinter(options, ctx)
	ctx.Stdout = out
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, helpWords().Replace(page.String()))
	return err
}

// helpCommand shows the help of the command that was used wrongly, as far as it
// was understood.
func helpCommand(err error) string {
	words := []string{"otklik"}
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		for _, step := range parse.Context.Path {
			if step.Command != nil {
				words = append(words, step.Command.Name)
			}
		}
	}
	return strings.Join(append(words, "--help"), " ")
}

func helpWords() *strings.Replacer {
	return strings.NewReplacer(
		"Usage: ", "Использование: ", "\nArguments:", "\nАргументы:", "\nFlags:", "\nКлючи:", "\nCommands:", "\nКоманды:",
		"Show context-sensitive help.", "Показать эту справку.",
		`Run "otklik <command> --help" for more information on a command.`, "О каждой команде: otklik <команда> --help",
		"<command>", "<команда>", "[flags]", "[ключи]", "=STRING", "=СТРОКА", "=INT", "=ЧИСЛО",
	)
}
