package config

// Edit is Update without a disk: it reads text as a file and gives the text
// with change merged in; nil is no change.
func Edit(text []byte, change func(*Config)) (before *Config, after []byte, err error) {
	l, err := parse("config.json", text)
	if err != nil {
		return nil, nil, err
	}
	wanted := l.config.clone()
	change(wanted)
	wanted.Version = Current
	after, err = l.mergedText(wanted)
	return l.config, after, err
}
