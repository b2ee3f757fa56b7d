module verifysms

go 1.19
