package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	secretKeyFile = "secret.key"
	secretKeySize = 32
)

// secretKeyIn reads the key of a state folder, or makes it.
func secretKeyIn(dir string, made func(path string)) (string, error) {
	path := filepath.Join(dir, secretKeyFile)
	text, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(text)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the secret key of the state folder: %w", err)
	}
	raw := make([]byte, secretKeySize)
	_, _ = rand.Read(raw) // never fails, says crypto/rand
	key := base64.StdEncoding.EncodeToString(raw)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("keep the secret key in the state folder: %w", err)
	}
	_, err = f.WriteString(key + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("keep the secret key in the state folder: %w", err)
	}
	made(path)
	return key, nil
}

// demoKey is the demonstration's own key, in its folder for the commands that
// visit it: kept with its database, drawn anew with a new one.
func demoKey(dir string, keep bool) (string, error) {
	if !keep {
		if err := os.Remove(filepath.Join(dir, secretKeyFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("forget the secret key of an earlier demonstration: %w", err)
		}
	}
	return secretKeyIn(dir, func(string) {})
}
