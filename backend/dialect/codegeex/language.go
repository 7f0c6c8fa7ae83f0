package codegeex

import "strings"

// language is one that code is written in, by the name that editors give it.
type language struct{ name, ending string }

// languages are what code is recognized by: words at the beginning of its lines,
// in the order in which they are looked for, the telling ones first.
func languages() []struct {
	language
	begins []string
} {
	type entry = struct {
		language
		begins []string
	}
	return []entry{
		{language{"Go", ".go"}, []string{"package ", "func ", "go func"}},
		{language{"Rust", ".rs"}, []string{"fn ", "pub fn ", "impl ", "use std::", "let mut ", "pub struct ", "#[derive"}},
		{language{"C++", ".cpp"}, []string{"#include <iostream>", "using namespace ", "std::", "template <", "template<", "namespace "}},
		{language{"C", ".c"}, []string{"#include", "#define ", "int main("}},
		{language{"Java", ".java"}, []string{"package ", "import java", "public class ", "public static ", "private ", "@Override"}},
		{language{"C#", ".cs"}, []string{"using System", "namespace ", "public class "}},
		{language{"PHP", ".php"}, []string{"<?php"}},
		{language{"Python", ".py"}, []string{"def ", "from ", "class ", "elif ", "async def ", "@property", "if __name__", "#!/usr/bin/env python"}},
		{language{"TypeScript", ".ts"}, []string{"interface ", "export type ", "export interface ", "type ", "import type "}},
		{language{"JavaScript", ".js"}, []string{"const ", "let ", "var ", "function ", "export ", "import ", "async function "}},
		{language{"Shell", ".sh"}, []string{"#!/bin/", "#!/usr/bin/env bash", "fi", "done", "esac"}},
		{language{"SQL", ".sql"}, []string{"SELECT ", "INSERT INTO ", "CREATE TABLE ", "UPDATE "}},
		{language{"HTML", ".html"}, []string{"<!doctype", "<!DOCTYPE", "<html", "<div", "<head"}},
	}
}

// languageOf guesses the language of the code before and behind the cursor: the
// one most lines begin like. What is no code that it knows has no name.
func languageOf(before, behind string) language {
	const most = 16 << 10 // bytes that are looked at, those next to the cursor
	before, behind = before[max(0, len(before)-most):], behind[:min(len(behind), most)]
	known := languages()
	counts := make([]int, len(known))
	for line := range strings.Lines(before + "\n" + behind) {
		line = strings.TrimLeft(line, " \t")
		for i, l := range known {
			for _, begin := range l.begins {
				if strings.HasPrefix(line, begin) {
					counts[i]++
					break
				}
			}
		}
	}
	var found language
	top := 0
	for i, n := range counts {
		if n > top {
			found, top = known[i].language, n
		}
	}
	return found
}
