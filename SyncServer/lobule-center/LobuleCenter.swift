import ArgumentParser

@main
struct LobuleCenter: ParsableCommand {
}
