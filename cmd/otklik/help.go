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

func helpWords() *strings.Replacer {
	return strings.NewReplacer(
		"Usage: ", "Использование: ", "\nArguments:", "\nАргументы:", "\nFlags:", "\nКлючи:", "\nCommands:", "\nКоманды:",
		"Show context-sensitive help.", "Показать эту справку.",
		`Run "otklik <command> --help" for more information on a command.`, "О каждой команде: otklik <команда> --help",
		"<command>", "<команда>", "[flags]", "[ключи]", "=STRING", "=СТРОКА", "=INT", "=ЧИСЛО",
	)
}

// russianUsage words a fault of usage that kong found.
func russianUsage(err error) error {
	return errors.New(strings.NewReplacer(
		"unexpected argument", "лишний аргумент", "unknown flag", "неизвестный ключ",
		"missing flags:", "не хватает ключей:", "missing positional arguments", "не хватает аргументов",
		"expected one of", "ожидается одно из", "must be one of", "допускает только", " but got", ", а дано",
		"did you mean one of", "может быть, одно из", "did you mean", "может быть,",
		"expected a valid 64 bit int", "ожидается целое число", "expected", "ожидается",
		"=STRING", "=СТРОКА", "=INT", "=ЧИСЛО",
	).Replace(err.Error()))
}
