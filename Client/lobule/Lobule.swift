import ArgumentParser
import Crypto

@main
struct Lobule: ParsableCommand {
}
